// Package money counts amounts of one currency exactly: whole numbers of its smallest
// unit, never a float. It reads and prints the decimal strings of the API; how many
// decimals a currency has is ISO 4217's to say.
//
// Every operation is checked. What would leave the range is an error, never another
// number.
package money
