curl -X GET "https://api.openprospect.io/api/v1/orders?status=COMPLETED&limit=10" \
  -H "Authorization: Bearer YOUR_API_KEY"
