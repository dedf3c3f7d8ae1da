// The bench measures the operator against the limit of the control plane it stands on,
// in one run and on one machine: etcd with fsync, kube-apiserver, the operator's own
// binary, and beside them a bare client that does the same writes and a bare informer
// that holds the same objects. It prints a table and writes it down.
//
// What counts are the ratios. Absolute figures are those of one machine, shared with
// the control plane and with whatever else runs on it.
//
// The rooms: world.go has the control plane and its objects; program.go runs processes
// and reads what they use; each other file measures one thing; table.go lays it out.
package main
