// Package reference writes the command line down, from the commands themselves: as a
// page of Markdown, and as man pages.
package reference
