// Package kube is how the command line talks to the API server: who asks, what the
// server's time is, how an entry is appended so that a repeat does no harm, and how
// the operator's answer is waited for.
package kube
