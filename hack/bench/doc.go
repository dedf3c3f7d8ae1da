// The bench measures the operator against the limit of the control plane it stands on,
// in one run and on one machine: etcd with fsync, kube-apiserver, the operator's own
// binary, and beside them a bare client that does the same writes and a bare informer
// that holds the same objects. It prints a table and writes it down.
//
// What counts are the ratios. Absolute figures are those of one machine, shared with
// the control plane and with whatever else runs on it.
//
// The rooms: world.go has the control plane and its objects; bulk.go makes many of them;
// bare.go writes statuses without an operator; program.go runs processes, and proc.go and
// counters.go read what they use and do; sightings.go tells when something was seen;
// table.go and page.go lay it out; each other file measures one thing.
package main
