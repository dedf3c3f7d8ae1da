package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Weekday is a day of the week.
//
// +kubebuilder:validation:Enum=Monday;Tuesday;Wednesday;Thursday;Friday;Saturday;Sunday
type Weekday string

// Opening is a stretch of opening hours on the wall clock, half open: from is in,
// to is out. A to that lies at or before from means the next day, so 22:00 to
// 06:00 is a night shift, and 00:00 to 24:00 is a whole day.
//
// +kubebuilder:validation:XValidation:rule="self.from != '24:00'",message="an opening starts between 00:00 and 23:59"
// +kubebuilder:validation:XValidation:rule="self.from != self.to",message="an opening has a length; write 00:00 to 24:00 for a whole day"
type Opening struct {
	// from is the local time at which it opens, as HH:MM.
	//
	// +required
	From TimeOfDay `json:"from,omitempty"`

	// to is the local time at which it closes, as HH:MM; at or before from, it is on
	// the next day.
	//
	// +required
	To TimeOfDay `json:"to,omitempty"`
}

// WeeklyOpening is the opening hours of some days of the week.
type WeeklyOpening struct {
	// days are the days of the week on which the hours begin.
	//
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=7
	Days []Weekday `json:"days,omitempty"`

	// hours are the openings of each of those days; they must not overlap, also not
	// with what runs over midnight from the day before.
	//
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=12
	Hours []Opening `json:"hours,omitempty"`
}

// Holiday is a date, or a range of dates, on which the weekly hours do not hold.
//
// +kubebuilder:validation:XValidation:rule="!has(self.until) || self.until >= self.date",message="until is a date on or after date"
type Holiday struct {
	// name says what the holiday is, for example National Day; it is shown in
	// explanations.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// date is the day, or the first day of the range, as YYYY-MM-DD.
	//
	// +required
	Date Date `json:"date,omitempty"`

	// until is the last day of the range, itself included. Without it, the holiday
	// is one day.
	//
	// +optional
	Until Date `json:"until,omitempty"`

	// closed are the hours that the holiday closes on each of its days, for example
	// 12:00 to 24:00 for an afternoon off; an hour here ends at 24:00 at the latest.
	// Without it, the whole day is closed, from 00:00 to 24:00: a night shift that
	// began on the eve is cut at midnight, one that begins on the holiday starts at
	// the midnight after it.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	// +kubebuilder:validation:XValidation:rule="self.all(h, h.to > h.from)",message="the closed hours of a holiday end on the same day, at 24:00 at the latest"
	Closed []Opening `json:"closed,omitempty"`
}

// ExtraOpening is hours on one date beside the weekly ones, for example a make-up
// working Saturday. It opens also on a holiday.
type ExtraOpening struct {
	// date is the day on which the hours begin, as YYYY-MM-DD.
	//
	// +required
	Date Date `json:"date,omitempty"`

	// hours are the openings of that date; where they meet other hours the union
	// counts once.
	//
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=12
	Hours []Opening `json:"hours,omitempty"`
}

// BusinessCalendarSpec says when business time counts.
//
// +kubebuilder:validation:XValidation:rule="has(self.weekly) || has(self.openings)",message="a calendar has weekly hours or openings; one that never opens would hold every deadline for ever"
type BusinessCalendarSpec struct {
	// timeZone is the IANA time zone of every time in this calendar, for example
	// Europe/Berlin. A name that the operator does not know makes the calendar
	// Stalled.
	//
	// +required
	TimeZone TimeZone `json:"timeZone,omitempty"`

	// weekly are the regular opening hours. Several may name the same day, as long
	// as their hours do not overlap.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=14
	Weekly []WeeklyOpening `json:"weekly,omitempty"`

	// holidays are the dates on which the weekly hours do not hold.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=400
	Holidays []Holiday `json:"holidays,omitempty"`

	// openings are extra hours on single dates.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=200
	Openings []ExtraOpening `json:"openings,omitempty"`
}

// BusinessCalendarStatus is what the operator makes of the calendar.
type BusinessCalendarStatus struct {
	// conditions tell whether the calendar can be used: Ready, and Reconciling and
	// Stalled, which are true only when something is under way or wrong.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that this status speaks of.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// nextOpeningAt is when the calendar next opens, as of the last status write; it
	// is rewritten when that instant has passed.
	//
	// +optional
	NextOpeningAt *metav1.Time `json:"nextOpeningAt,omitempty"`

	// nextClosingAt is when the calendar next closes, as of the last status write.
	//
	// +optional
	NextClosingAt *metav1.Time `json:"nextClosingAt,omitempty"`
}

// BusinessCalendar holds opening hours, holidays and extra openings in one time
// zone. Policies count business time on it. Editing or deleting it never moves a
// deadline that runs: an incident pins the calendars that it was accepted under.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=bcal,categories=recovery
// +kubebuilder:printcolumn:name="Time zone",type=string,JSONPath=`.spec.timeZone`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Opens",type=string,JSONPath=`.status.nextOpeningAt`
// +kubebuilder:printcolumn:name="Closes",type=string,JSONPath=`.status.nextClosingAt`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type BusinessCalendar struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is standard object metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec says when business time counts.
	//
	// +required
	Spec BusinessCalendarSpec `json:"spec,omitempty,omitzero"`

	// status is what the operator makes of it.
	//
	// +optional
	Status BusinessCalendarStatus `json:"status,omitempty,omitzero"`
}

// BusinessCalendarList is a list of calendars.
//
// +kubebuilder:object:root=true
type BusinessCalendarList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []BusinessCalendar `json:"items"`
}
