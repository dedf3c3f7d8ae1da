package main

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
)

// environment is what the operator finds in its environment.
func environment(vars map[string]string) func(string) (string, bool) {
	return func(key string) (string, bool) {
		v, ok := vars[key]
		return v, ok
	}
}

func TestWhichPartOfTheWork(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		env    map[string]string
		lease  string
		keeper bool
		// selects and leaves are labels of incidents.
		selects, leaves map[string]string
	}{
		"all of it": {
			lease: "amends-manager", keeper: true, selects: map[string]string{"recovery.amends.dev/shard": "a"},
		},
		"a shard by its label": {
			args:  []string{"--shard=a", "--incident-selector=recovery.amends.dev/shard=a"},
			lease: "amends-manager-a", selects: map[string]string{"recovery.amends.dev/shard": "a"}, leaves: map[string]string{"recovery.amends.dev/shard": "b"},
		},
		"the keeper, with everything that has no label": {
			args:  []string{"--incident-selector=!recovery.amends.dev/shard"},
			lease: "amends-manager", keeper: true, selects: map[string]string{"site": "x"}, leaves: map[string]string{"recovery.amends.dev/shard": "a"},
		},
		"a set of values": {
			args:  []string{"--shard=north", "--incident-selector=site in (hamburg, kiel)"},
			lease: "amends-manager-north", selects: map[string]string{"site": "kiel"}, leaves: map[string]string{"site": "rome"},
		},
		"by the environment": {
			env:   map[string]string{"AMENDS_SHARD": "a", "AMENDS_INCIDENT_SELECTOR": "recovery.amends.dev/shard=a"},
			lease: "amends-manager-a", selects: map[string]string{"recovery.amends.dev/shard": "a"}, leaves: map[string]string{},
		},
		"whole namespaces, with their budgets": {
			args:  []string{"--shard=hotels", "--namespaces=hotel-a,hotel-b", "--keeper"},
			lease: "amends-manager-hotels", keeper: true, selects: map[string]string{},
		},
		"the same, by the environment": {
			args: []string{"--shard=hotels", "--namespaces=hotel-a"}, env: map[string]string{"AMENDS_KEEPER": "true"},
			lease: "amends-manager-hotels", keeper: true, selects: map[string]string{},
		},
		"the command line wins over the environment": {
			args: []string{"--shard=b", "--incident-selector=shard=b"}, env: map[string]string{"AMENDS_SHARD": "a"},
			lease: "amends-manager-b", selects: map[string]string{"shard": "b"}, leaves: map[string]string{"shard": "a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := readOptions(c.args, environment(c.env))
			if err != nil {
				t.Fatal(err)
			}
			part := o.part()
			if o.leaseName() != c.lease || part.IncidentsOnly == c.keeper {
				t.Errorf("lease %s, keeper %t; want %s, %t", o.leaseName(), !part.IncidentsOnly, c.lease, c.keeper)
			}
			for what, want := range map[*map[string]string]bool{&c.selects: true, &c.leaves: false} {
				if *what != nil && (part.Incidents == nil || part.Incidents.Matches(labels.Set(*what))) != want {
					t.Errorf("selects an incident with the labels %v: %t; want %t", *what, !want, want)
				}
			}
		})
	}
}

// What cannot be meant ends the program, and says which flag, which value and what is allowed.
func TestFlagsThatCannotBeMeant(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		says []string
	}{
		"a selector that does not parse": {
			[]string{"--shard=a", "--incident-selector=shard in (a"},
			[]string{"--incident-selector", `"shard in (a"`, "kubectl", "recovery.amends.dev/shard=a"},
		},
		"a selector with a value that no label has": {
			[]string{"--incident-selector=shard=über"}, []string{"--incident-selector", `"shard=über"`, "label"},
		},
		"a name that is no name":     {[]string{"--shard=A_1", "--incident-selector=a=b"}, []string{"--shard", `"A_1"`, "lower-case"}},
		"a name that is too long":    {[]string{"--shard=" + strings.Repeat("a", 41), "--incident-selector=a=b"}, []string{"--shard", "40"}},
		"a shard of nothing":         {[]string{"--shard=a"}, []string{"--shard", `"a"`, "--incident-selector", "--namespaces"}},
		"no keeper under its lease":  {[]string{"--keeper=false"}, []string{"--keeper false", "--shard", "amends-manager"}},
		"too many workers":           {[]string{"--workers=65"}, []string{"--workers 65", "1 to 64"}},
		"a skew that hides breaches": {[]string{"--clock-skew=2m"}, []string{"--clock-skew 2m0s", "1m"}},
		"an argument that is none":   {[]string{"start"}, []string{`"start"`, "flags only"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readOptions(c.args, environment(nil))
			if err == nil {
				t.Fatal("it is taken")
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the message does not say %q: %v", part, err)
				}
			}
		})
	}
	if _, err := readOptions(nil, environment(map[string]string{"AMENDS_KEEPER": "perhaps"})); err == nil || !strings.Contains(err.Error(), `AMENDS_KEEPER="perhaps"`) {
		t.Errorf("a wrong value in the environment: %v; want an error that names the variable", err)
	}
}
