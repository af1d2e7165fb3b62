package openprospect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// WaitForOrder reads the order every interval until its status is terminal or ctx ends, and gives
// the last order it read, with an error when ctx ended first or the order
// cannot be read (401, 403, 404 with a resource code). A read that fails
// otherwise is tried again at the next interval (guide, step 3). onRead, if not
// nil, is called after each read. An interval of 0 is DefaultPollInterval.
func (c *Client) WaitForOrder(ctx context.Context, id string, interval time.Duration, onRead func(*Order)) (*Order, error) {
	if _, err := c.orderPath(id); err != nil {
		return nil, err
	}
	interval = orDefault(interval, DefaultPollInterval)
	var last *Order
	var lastErr error
	for {
		order, err := c.GetOrder(ctx, id)
		switch {
		case err == nil:
			last, lastErr = order, nil
			if onRead != nil {
				onRead(order)
			}
			if order.Terminal() {
				return order, nil
			}
		case unreadable(err):
			return last, err
		case ctx.Err() == nil:
			lastErr = err
		}
		if err := sleep(ctx, interval); err != nil {
			return last, waitEnded(id, last, lastErr, err)
		}
	}
}

// unreadable reports a refusal that the next reading would meet again.
func unreadable(err error) bool {
	var answered *Error
	return IsNotFound(err) || errors.As(err, &answered) &&
		(answered.StatusCode == http.StatusUnauthorized || answered.StatusCode == http.StatusForbidden)
}

func waitEnded(id string, last *Order, lastErr, ended error) error {
	status := "its status could not be read"
	if last != nil {
		status = "its status is " + last.Status
	}
	if lastErr != nil {
		return fmt.Errorf("stopped waiting for order %s (%s; the last reading failed: %w): %w", id, status, lastErr, ended)
	}
	return fmt.Errorf("stopped waiting for order %s (%s): %w", id, status, ended)
}
