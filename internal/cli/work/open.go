package work

import (
	"errors"
	"regexp"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
)

// Customer is a customer as typed.
type Customer struct {
	// ID is the customer in the firm's own systems.
	ID string
	// Tier is the customer's standing.
	Tier string
	// TimeZone is the IANA zone that the customer lives in.
	TimeZone string
	// ContactHours are written 09:00-21:00.
	ContactHours string
}

// over lays what is given over a customer.
func (c Customer) over(base v1alpha1.Customer) (v1alpha1.Customer, error) {
	if c.ID != "" {
		base.ID = c.ID
	}
	if c.Tier != "" {
		base.Tier = c.Tier
	}
	if c.TimeZone != "" {
		if _, err := calendar.LoadZone(c.TimeZone); err != nil {
			return base, wrongf("--time-zone: %w", err)
		}
		base.TimeZone = v1alpha1.TimeZone(c.TimeZone)
	}
	if c.ContactHours != "" {
		from, to, ok := strings.Cut(c.ContactHours, "-")
		if !ok {
			return base, wrongf("--contact-hours %q: write them as 09:00-21:00, in the customer's own time", c.ContactHours)
		}
		base.ContactHours = &v1alpha1.ContactHours{From: v1alpha1.TimeOfDay(strings.TrimSpace(from)), To: v1alpha1.TimeOfDay(strings.TrimSpace(to))}
	}
	return base, nil
}

// Opening is an incident as typed.
type Opening struct {
	// Name is the incident's name; empty, the API server makes one of the service.
	Name string
	// Summary is what happened.
	Summary string
	// Customer is to whom it happened.
	Customer Customer
	// Severity is how bad it is for the customer.
	Severity string
	// Service is what failed.
	Service string
	// Category is the kind of failure.
	Category string
	// DetectedBy says who noticed.
	DetectedBy string
	// Policy names the policy that holds.
	Policy string
	// OccurredAt, ExpectedAt and ReportedAt are claimed times.
	OccurredAt, ExpectedAt, ReportedAt string
	// Labels are written NAME=VALUE.
	Labels []string
}

// Incident makes the incident, at a time of the API server.
func (o *Opening) Incident(now time.Time, zone *time.Location) (*v1alpha1.Incident, error) {
	if err := o.missing(); err != nil {
		return nil, err
	}
	out := &v1alpha1.Incident{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Incident"},
		ObjectMeta: metav1.ObjectMeta{Name: o.Name},
		Spec: v1alpha1.IncidentSpec{
			Summary: v1alpha1.Text(strings.TrimSpace(o.Summary)), Service: v1alpha1.Service(o.Service), Category: v1alpha1.Category(o.Category),
			PolicyName: v1alpha1.ObjectName(o.Policy),
		},
	}
	if o.Name == "" {
		out.GenerateName = generated(o.Service)
	}
	var err error
	if out.Spec.Customer, err = o.Customer.over(v1alpha1.Customer{}); err != nil {
		return nil, err
	}
	if out.Spec.Severity, err = oneOf[v1alpha1.Severity]("--severity", o.Severity, Severities); err != nil {
		return nil, err
	}
	if out.Spec.DetectedBy, err = oneOf[v1alpha1.DetectedBy]("--detected-by", o.DetectedBy, DetectedBys); err != nil {
		return nil, err
	}
	if out.Labels, err = labels(o.Labels); err != nil {
		return nil, err
	}
	return out, o.times(&out.Spec, now, zone)
}

func (o *Opening) missing() error {
	var what []string
	for _, need := range []struct{ value, say string }{
		{o.Summary, "what happened, in a sentence"}, {o.Customer.ID, "--customer, the customer's id in your own systems"},
		{o.Service, "--service, what failed"}, {o.Severity, "--severity, how bad it is for the customer: " + strings.Join(Severities, ", ")},
	} {
		if strings.TrimSpace(need.value) == "" {
			what = append(what, need.say)
		}
	}
	if len(what) > 0 {
		return wrongf("an incident needs %s", strings.Join(what, "; "))
	}
	return nil
}

// times reads the claimed times.
func (o *Opening) times(spec *v1alpha1.IncidentSpec, now time.Time, zone *time.Location) error {
	if o.OccurredAt != "" && o.ExpectedAt != "" {
		return wrong("it has occurred or is expected: give one of --occurred-at and --expected-at")
	}
	read := func(flag, value string, to **metav1.Time, parse func(string, time.Time, *time.Location) (time.Time, error)) error {
		if value == "" {
			return nil
		}
		at, err := parse(value, now, zone)
		if err != nil {
			return wrongf("%s: %w", flag, err)
		}
		*to = stamp(at)
		return nil
	}
	return errors.Join(
		read("--occurred-at", o.OccurredAt, &spec.OccurredAt, Past),
		read("--expected-at", o.ExpectedAt, &spec.ExpectedAt, Future),
		read("--reported-at", o.ReportedAt, &spec.ReportedAt, Past),
	)
}

func labels(typed []string) (map[string]string, error) {
	if len(typed) == 0 {
		return nil, nil
	}
	out := map[string]string{}
	for _, pair := range typed {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, wrongf("--label %q: write it as NAME=VALUE", pair)
		}
		out[key] = value
	}
	return out, nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// generated is the beginning of a name that the API server completes.
func generated(service string) string {
	word := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(service), "-"), "-")
	if word == "" {
		word = "incident"
	}
	return word + "-"
}
