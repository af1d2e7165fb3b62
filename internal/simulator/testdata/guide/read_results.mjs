const orderId = "74f00d79-7e4a-4ba3-a30c-012de85d6d78";
const allCompanies = [];
let offset = 0;
const limit = 50;

while (true) {
  const response = await fetch(
    `${BASE_URL}/orders/${orderId}/results?limit=${limit}&offset=${offset}`,
    { headers: { Authorization: `Bearer ${API_KEY}` } }
  );
  const data = await response.json();

  for (const company of data.items) {
    console.log(`Company: ${company.name}`);
    console.log(`  Match Score: ${company.match_score}`);
    console.log(`  Prospects: ${company.prospects.length}`);
    allCompanies.push(company);
  }

  if (!data.has_more) break;
  offset += limit;
}

console.log(`\nTotal companies discovered: ${allCompanies.length}`);
