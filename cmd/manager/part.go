package main

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/amends-dev/amends/controllers"
)

// maxShard is the longest name of a shard: the name of its lease, and the name under
// which it reports events, must stay what the API server takes.
const maxShard = 40

// checkPart checks the flags that say which part of the work this operator does, and
// reads the selector.
func (o *options) checkPart() error {
	if wrong := validation.IsDNS1123Label(o.shard); o.shard != "" && (len(wrong) > 0 || len(o.shard) > maxShard) {
		return fmt.Errorf("--shard %q: it is at most %d lower-case letters, digits and '-', and begins and ends with a letter or a digit", o.shard, maxShard)
	}
	if o.selector != "" {
		var err error
		if o.incidents, err = labels.Parse(o.selector); err != nil {
			return fmt.Errorf("--incident-selector %q: it is a label selector as kubectl takes it with -l, for example recovery.amends.dev/shard=a, or !recovery.amends.dev/shard for everything without the label: %w", o.selector, err)
		}
	}
	switch {
	case o.shard == "" && !o.keeper:
		return fmt.Errorf("--keeper false: only with --shard, because without a shard this operator holds the lease %s of whoever keeps what exists once", leaseBase)
	case o.shard != "" && o.incidents == nil && len(o.namespaceList()) == 0:
		return fmt.Errorf("--shard %q: --incident-selector or --namespaces must say what it is a part of", o.shard)
	}
	return nil
}

// part is the part of the work that this operator does.
func (o *options) part() controllers.Part {
	return controllers.Part{Shard: o.shard, Incidents: o.incidents, IncidentsOnly: !o.keeper}
}

// leaseName is the lease for which the replicas of this part compete; their RBAC names it.
func (o *options) leaseName() string {
	return strings.TrimSuffix(leaseBase+"-"+o.shard, "-")
}
