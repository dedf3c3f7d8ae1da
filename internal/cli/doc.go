// Package cli is kubectl amends: one file for each command. A command reads its flags,
// lets a pure function build what is to be written, makes one call, and draws what came
// of it.
package cli
