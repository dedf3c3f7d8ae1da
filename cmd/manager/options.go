package main

import (
	"flag"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

// options are the flags of the operator. Each can also be given by an environment
// variable: AMENDS_ and the flag's name in capitals with underscores, for example
// AMENDS_LEADER_ELECT. A flag on the command line wins.
type options struct {
	metricsAddress string
	metricsSecure  bool
	probeAddress   string
	leaderElect    bool
	leaderSpace    string
	namespaces     string
	shard          string
	selector       string
	keeper         bool
	clockSkew      time.Duration
	workers        int
	logLevel       string
	logFormat      string
	showVersion    bool

	// incidents is the selector, read; nil selects all.
	incidents labels.Selector
}

// envPrefix begins the name of every environment variable.
const envPrefix = "AMENDS_"

// maxSkew bounds the allowance for clocks that differ; more would hide breaches.
const maxSkew = time.Minute

// readOptions reads the command line and the environment.
func readOptions(args []string, lookup func(string) (string, bool)) (options, error) {
	var o options
	fs := flag.NewFlagSet("manager", flag.ContinueOnError)
	fs.StringVar(&o.metricsAddress, "metrics-bind-address", ":8443", "address of the metrics endpoint; 0 turns it off")
	fs.BoolVar(&o.metricsSecure, "metrics-secure", true, "serve metrics over TLS, to callers that may read them")
	fs.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", "address of /healthz and /readyz; 0 turns them off")
	fs.BoolVar(&o.leaderElect, "leader-elect", false, "act only while holding the lease, so that several replicas can run")
	fs.StringVar(&o.leaderSpace, "leader-election-namespace", "", "namespace of the lease; empty is the operator's own")
	fs.StringVar(&o.namespaces, "namespaces", "", "namespaces to act in, separated by commas; empty is all")
	fs.StringVar(&o.shard, "shard", "", "name of this part of the work: it has a lease, and in metrics, events and logs a name, of its own")
	fs.StringVar(&o.selector, "incident-selector", "", "which incidents to hold to their policies, a label selector such as recovery.amends.dev/shard=a; empty is all")
	fs.BoolVar(&o.keeper, "keeper", true, "keep what exists once: budgets, Compensations, policies and calendars; with --shard it is false unless it is given")
	fs.DurationVar(&o.clockSkew, "clock-skew", 0, "how far the clocks of API servers and operator may differ: a breach is held back by it, at most 1m")
	fs.IntVar(&o.workers, "workers", 4, "how many incidents are reconciled at once, from 1 to 64")
	fs.StringVar(&o.logLevel, "log-level", "info", "debug, info or error")
	fs.StringVar(&o.logFormat, "log-format", "json", "json or text")
	fs.BoolVar(&o.showVersion, "version", false, "print the version and exit")
	fs.Usage = func() {
		_, _ = fmt.Fprintf(fs.Output(), "The Amends operator holds incidents to their recovery policies.\n\nEach flag can also be given as an environment variable, for example %sLEADER_ELECT=true.\n\n", envPrefix)
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: the operator takes flags only", fs.Arg(0))
	}
	if err := fromEnvironment(fs, lookup); err != nil {
		return o, err
	}
	if o.shard != "" && !given(fs)["keeper"] {
		o.keeper = false
	}
	return o, o.check()
}

// given are the flags that were set, by the command line or by the environment.
func given(fs *flag.FlagSet) map[string]bool {
	out := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { out[f.Name] = true })
	return out
}

// fromEnvironment sets the flags that the command line left alone.
func fromEnvironment(fs *flag.FlagSet, lookup func(string) (string, bool)) error {
	there := given(fs)
	var err error
	fs.VisitAll(func(f *flag.Flag) {
		key := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := lookup(key)
		if !ok || there[f.Name] || err != nil {
			return
		}
		if e := fs.Set(f.Name, value); e != nil {
			err = fmt.Errorf("environment variable %s=%q: %w", key, value, e)
		}
	})
	return err
}

func (o *options) check() error {
	switch {
	case o.clockSkew < 0 || o.clockSkew > maxSkew:
		return fmt.Errorf("--clock-skew %s: it is from 0s to %s", o.clockSkew, maxSkew)
	case o.workers < 1 || o.workers > 64:
		return fmt.Errorf("--workers %d: it is from 1 to 64", o.workers)
	case o.logLevel != "debug" && o.logLevel != "info" && o.logLevel != "error":
		return fmt.Errorf("--log-level %q: it is debug, info or error", o.logLevel)
	case o.logFormat != "json" && o.logFormat != "text":
		return fmt.Errorf("--log-format %q: it is json or text", o.logFormat)
	}
	return o.checkPart()
}

// namespaceList is the namespaces to act in; none means all.
func (o *options) namespaceList() []string {
	var out []string
	for n := range strings.SplitSeq(o.namespaces, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}
