package provider

import "time"

// SetQuietBeforeOrder shortens the wait of an order for its blacklists, which would make every test of an order longer.
func SetQuietBeforeOrder(quiet time.Duration) { quietBeforeOrder = quiet }
