// The demo plays three service failures on a control plane of its own, with
// deadlines of seconds, and shows what the operator makes of them as it happens.
//
// It starts etcd and kube-apiserver on random loopback ports, installs the CRDs, the
// roles and the admission policies, runs the operator's binary as its own
// ServiceAccount, and lets people, each with their own certificate, report incidents
// and append to their journals as the stories in stories/ tell. The policies in
// policies/ say what is owed. In the end it checks that what it showed is what was to
// be shown.
//
// The rooms: script.go reads the stories; tell.go puts entries and events into
// words; chronicle.go keeps what was seen; view.go and summary.go lay it out; expect.go
// judges it. These know no client and no clock. stage.go, operator.go, people.go,
// watch.go, screen.go and main.go do the rest.
package main
