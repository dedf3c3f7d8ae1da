package view

import (
	"cmp"
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
)

// Price is what an option of the catalogue costs, in words.
func Price(o *v1alpha1.CatalogueOption) string {
	words := string(o.Kind)
	switch {
	case o.Cost != "":
		words += ", costs us " + string(o.Cost)
	case o.MaxAmount != "":
		words += ", up to " + string(o.MaxAmount)
	}
	if o.Value != "" {
		words += ", worth " + string(o.Value)
	}
	return words
}

// Remedy says how a request stands after something was done with it.
func (f *Frame) Remedy(c *v1alpha1.Compensation, said string, answered bool) []string {
	out := []string{fmt.Sprintf("%s: %s: %s, %s", c.Name, said, Offers(c), work.Asked(c))}
	if !answered {
		return append(out, "  the operator has not answered yet; kubectl amends status "+string(c.Spec.IncidentName)+" shows how it stands")
	}
	phase := cmp.Or(c.Status.Phase, v1alpha1.CompensationRequested)
	words := "it is " + string(phase)
	if c.Status.DueAt != nil && !settled(c) {
		words += fmt.Sprintf(", due %s (%s)", f.When(c.Status.DueAt.Time), f.Left(c.Status.DueAt.Time))
	}
	out = append(out, "  "+f.Paint.Paint(phaseTone(phase), words))
	for _, kind := range []string{v1alpha1.StalledCondition, v1alpha1.ReadyCondition, v1alpha1.ReconcilingCondition} {
		if said := apimeta.FindStatusCondition(c.Status.Conditions, kind); said != nil && said.Message != "" {
			return append(out, hang("  ", Clean(said.Message), f.Width)...)
		}
	}
	return out
}

func phaseTone(p v1alpha1.CompensationPhase) Tone {
	switch p {
	case v1alpha1.CompensationGranted, v1alpha1.CompensationDelivered:
		return Good
	case v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered:
		return Warning
	case v1alpha1.CompensationDenied:
		return Bad
	}
	return Plain
}
