const orderId = "74f00d79-7e4a-4ba3-a30c-012de85d6d78";

async function pollOrderStatus() {
  while (true) {
    const response = await fetch(`${BASE_URL}/orders/${orderId}`, {
      headers: { Authorization: `Bearer ${API_KEY}` },
    });

    if (!response.ok) {
      console.warn(`Polling error ${response.status}, retrying...`);
      await new Promise((resolve) => setTimeout(resolve, 60000));
      continue;
    }

    const data = await response.json();
    console.log(`Order status: ${data.status}`);

    if (data.status === "COMPLETED") {
      console.log(`Results are ready! ${data.company_count} companies found.`);
      return data;
    }
    if (data.status === "CANCELLED") {
      console.log("Order was cancelled.");
      return data;
    }

    await new Promise((resolve) => setTimeout(resolve, 60000));
  }
}

await pollOrderStatus();
