const API_KEY = "lnc_live_your_api_key_here";
const BASE_URL = "https://api.openprospect.io/api/v1";

const order = {
  order_type: "DISCOVERY",
  title: "DACH SaaS Discovery Q1 2026",
  features: ["COMPANY_DATA", "CONTACTS", "ANALYSIS"],
  ideal_customer_profile:
    "Mid-market SaaS companies in the DACH region with 50-500 employees, focused on B2B software solutions",
  seller_offering:
    "AI-powered lead generation and prospect enrichment platform",
  seller_industry: "Software / Technology",
  target_countries: ["Germany", "Austria", "Switzerland"],
  target_cities: ["Berlin", "Munich", "Vienna"],
  excluded_industries: ["Government", "Non-profit"],
  output_language: "en",
  blacklist_ids: ["d33b69ce-80ce-4ede-b4df-4b11427f8b55"],
  profile_name: "DACH SaaS Discovery Profile",
};

const response = await fetch(`${BASE_URL}/orders`, {
  method: "POST",
  headers: {
    Authorization: `Bearer ${API_KEY}`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify(order),
});

if (response.status === 202) {
  const data = await response.json();
  console.log(`Discovery order created: ${data.order_id}`);
  console.log(`Status: ${data.status}`);
} else {
  console.error(`Error ${response.status}:`, await response.json());
}
