// Package work turns what a person types into what the API server takes: entries of a
// journal, requests for a remedy and the facts that others add to them. It is pure: it
// knows no client and no clock. Its errors are for people.
package work
