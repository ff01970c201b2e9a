"""Load tests: the product seen from outside, over HTTP, WebSocket and UDP."""
