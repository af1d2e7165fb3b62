curl -X POST "https://api.openprospect.io/api/v1/blacklists/BLACKLIST_ID/entries" \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "entries": [
      {"company_name": "Acme Corp", "website_url": "https://www.acme-corp.com"},
      {"company_name": "Global Industries GmbH", "city": "Munich", "country": "Germany"}
    ]
  }'
