// Package e2e has the end-to-end tests: real videos through the real template
// and the real binaries, on an engine that the tests start, use and stop.
// `make test` builds what they need.
package e2e
