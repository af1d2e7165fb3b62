curl -X POST "https://api.openprospect.io/api/v1/orders" \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "order_type": "DISCOVERY",
    "title": "DACH SaaS Discovery Q1 2026",
    "features": ["COMPANY_DATA", "CONTACTS", "ANALYSIS"],
    "ideal_customer_profile": "Mid-market SaaS companies in the DACH region with 50-500 employees, focused on B2B software solutions",
    "seller_offering": "AI-powered lead generation and prospect enrichment platform",
    "seller_industry": "Software / Technology",
    "target_countries": ["Germany", "Austria", "Switzerland"],
    "target_cities": ["Berlin", "Munich", "Vienna"],
    "excluded_industries": ["Government", "Non-profit"],
    "output_language": "en",
    "blacklist_ids": ["d33b69ce-80ce-4ede-b4df-4b11427f8b55"],
    "profile_name": "DACH SaaS Discovery Profile"
  }'
