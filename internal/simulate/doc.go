// Package simulate plays what stands in files: policies, calendars and budgets are
// applied, incidents are reported, journal entries and decisions come in, and time
// passes, on a virtual clock, until nothing more is due. It decides with the operator's
// own engine and reads through the operator's own gatherer, so that it tells what the
// operator would have told. It needs no cluster, writes nothing, and asks nobody who
// they are.
package simulate
