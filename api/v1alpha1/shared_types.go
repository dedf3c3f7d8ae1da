package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Duration is a length of time in whole seconds, as hours, minutes and seconds:
// "90s", "30m", "2h", "1h30m". A day is not a unit of it, because "1 day" means
// 24 hours to one reader and three shifts to another. It is longer than zero and
// at most 9600h (400 days).
//
// +kubebuilder:validation:MinLength=2
// +kubebuilder:validation:MaxLength=18
// +kubebuilder:validation:Pattern=`^([0-9]{1,5}(h|m|s)){1,3}$`
// +kubebuilder:validation:XValidation:rule="!self.matches('^([0-9]{1,5}(h|m|s)){1,3}$') || (duration(self) > duration('0s') && duration(self) <= duration('9600h'))",message="a duration is longer than 0s and at most 9600h (400 days), in h, m and s, for example 30m or 1h30m"
type Duration string

// Name is a lower-case name that people choose: of a step, a level, an option.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:Pattern=`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`
type Name string

// ObjectName is the name of another object in the same namespace.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:Pattern=`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`
type ObjectName string

// User is the name of a person or system as the API server authenticates it, or
// of a group of people.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
type User string

// Text is a short free text. A person with the right to redact may replace it by
// "[redacted]".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=1024
type Text string

// Money is an amount of the budget's currency as a decimal string, for example
// "50.00": no sign, no exponent, no leading zeros, at most 15 digits in all and
// at most four decimals (the budget's currency may allow fewer).
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=16
// +kubebuilder:validation:Pattern=`^(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$`
type Money string

// Percent is a share as a decimal string with at most four decimals, for example
// "0.5"; it is above zero and at most 100.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=8
// +kubebuilder:validation:Pattern=`^(100(\.0{1,4})?|[1-9]?[0-9](\.[0-9]{1,4})?)$`
// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="a percentage is above zero"
type Percent string

// Date is a day of the calendar, as YYYY-MM-DD.
//
// +kubebuilder:validation:MinLength=10
// +kubebuilder:validation:MaxLength=10
// +kubebuilder:validation:Pattern=`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`
// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}$') || !self.endsWith('-31') || self.substring(5, 7) in ['01', '03', '05', '07', '08', '10', '12']",message="this month has 30 days or fewer"
// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]{4}-02-[0-9]{2}$') || int(self.substring(8, 10)) <= (int(self.substring(0, 4)) % 4 == 0 && (int(self.substring(0, 4)) % 100 != 0 || int(self.substring(0, 4)) % 400 == 0) ? 29 : 28)",message="this February has no such day"
type Date string

// TimeOfDay is a wall-clock time as HH:MM, from 00:00 to 24:00; 24:00 is the end
// of the day.
//
// +kubebuilder:validation:MinLength=5
// +kubebuilder:validation:MaxLength=5
// +kubebuilder:validation:Pattern=`^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`
type TimeOfDay string

// TimeZone is a name of the IANA time zone database, for example Europe/Berlin
// or UTC. "Local" is refused: it would mean another place on each machine.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9_+/-]*$`
// +kubebuilder:validation:XValidation:rule="self != 'Local'",message="name an IANA time zone, for example Europe/Berlin; Local would mean another place on each machine"
type TimeZone string

// Severity is how bad a failure is for the customer.
//
// +kubebuilder:validation:Enum=Low;Medium;High;Critical
type Severity string

// The severities, mildest first.
const (
	SeverityLow      Severity = "Low"
	SeverityMedium   Severity = "Medium"
	SeverityHigh     Severity = "High"
	SeverityCritical Severity = "Critical"
)

// ClockType says what a duration counts.
//
// +kubebuilder:validation:Enum=Wall;Business
type ClockType string

const (
	// ClockWall counts every second.
	ClockWall ClockType = "Wall"
	// ClockBusiness counts the seconds in which the policy's calendar is open.
	ClockBusiness ClockType = "Business"
)

// Due says when something is due: after a duration, at the close of a business
// day, or at an instant.
//
// +kubebuilder:validation:XValidation:rule="[has(self.within), has(self.businessDays), has(self.at)].filter(x, x).size() == 1",message="give exactly one of within, businessDays and at"
// +kubebuilder:validation:XValidation:rule="!has(self.clock) || has(self.within)",message="clock goes with within: businessDays counts on the calendar, at is an instant"
type Due struct {
	// within is the time allowed after the start, for example 30m, counted on clock.
	//
	// +optional
	Within Duration `json:"within,omitempty"`

	// clock says what within counts: Wall, every second (the default), or Business,
	// the seconds in which the policy's calendar is open.
	//
	// +optional
	Clock ClockType `json:"clock,omitempty"`

	// businessDays makes it due at the close of the n-th business day after the day
	// of the start, on the policy's calendar; from 1 to 250.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=250
	BusinessDays int32 `json:"businessDays,omitempty"`

	// at is a fixed instant.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	At *metav1.Time `json:"at,omitempty"`
}

// LabelValue is the value of a label.
//
// +kubebuilder:validation:MinLength=0
// +kubebuilder:validation:MaxLength=63
type LabelValue string
