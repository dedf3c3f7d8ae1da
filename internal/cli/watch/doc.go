// Package watch is the live view of incidents: a list that one scrolls, sorts and
// filters, and the one screen of an incident. The model takes messages and draws frames
// that never exceed the terminal; where its incidents come from is not its concern.
package watch
