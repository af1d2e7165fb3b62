curl -X GET "https://api.openprospect.io/api/v1/orders/74f00d79-7e4a-4ba3-a30c-012de85d6d78/results?limit=50" \
  -H "Authorization: Bearer YOUR_API_KEY"
