package remedy

import (
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Notice is one thing that happened to a request, for an event. It names no amount: an
// event is read by more people than a budget.
type Notice struct {
	// Warning says that somebody should look; otherwise it is good to know.
	Warning bool
	// Reason is one of the event reasons of the API package.
	Reason string
	// Action is what the operator did, in one word.
	Action string
	// Message is for people.
	Message string
}

// Notices are what is to be told once a status is written: what differs from the one
// before.
func Notices(was v1alpha1.CompensationStatus, c *v1alpha1.Compensation) []Notice {
	if was.Phase == c.Status.Phase {
		return nil
	}
	subject := fmt.Sprintf("%s of Incident %s", c.Name, c.Spec.IncidentName)
	var out []Notice
	if was.Phase == v1alpha1.CompensationAwaitingApproval && approvedNow(c) {
		out = append(out, Notice{Reason: v1alpha1.EventApprovalGiven, Action: "Approve", Message: approvedText(subject, c.Spec.Decision)})
	}
	reason := ""
	if ready := apimeta.FindStatusCondition(c.Status.Conditions, v1alpha1.ReadyCondition); ready != nil {
		reason = ready.Reason
	}
	switch c.Status.Phase {
	case v1alpha1.CompensationAwaitingApproval:
		out = append(out, Notice{Reason: v1alpha1.EventApprovalAsked, Action: "Reserve", Message: subject + " waits for an approval; who may decide, and until when, stands in its condition Ready"})
	case v1alpha1.CompensationOffered:
		out = append(out, Notice{Reason: v1alpha1.EventRemedyOffered, Action: "Reserve", Message: subject + " is offered; the customer chooses"})
	case v1alpha1.CompensationGranted:
		out = append(out, Notice{Reason: v1alpha1.EventRemedyGranted, Action: "Grant", Message: fmt.Sprintf("%s is granted (%s)", subject, reason)})
	case v1alpha1.CompensationDenied:
		out = append(out, Notice{Warning: true, Reason: v1alpha1.EventRemedyDenied, Action: "Deny", Message: fmt.Sprintf("%s is denied (%s); what to do stands in its condition Ready", subject, reason)})
	case v1alpha1.CompensationDelivered:
		out = append(out, Notice{Reason: v1alpha1.EventRemedyDelivered, Action: "Deliver", Message: subject + " is delivered"})
	case v1alpha1.CompensationReleased:
		out = append(out, Notice{Reason: v1alpha1.EventRemedyReleased, Action: "Release", Message: fmt.Sprintf("%s is taken back (%s)", subject, reason)})
	}
	return out
}

// approvedNow says whether an approver's decision brought the request to its phase.
func approvedNow(c *v1alpha1.Compensation) bool {
	if d := c.Spec.Decision; d == nil || d.Verdict != v1alpha1.VerdictApproved {
		return false
	}
	return c.Status.Phase == v1alpha1.CompensationGranted || c.Status.Phase == v1alpha1.CompensationOffered
}

func approvedText(subject string, d *v1alpha1.CompensationDecision) string {
	if d.By == "" {
		return fmt.Sprintf("%s is approved as %s", subject, d.Level)
	}
	return fmt.Sprintf("%s is approved by %s as %s", subject, d.By, d.Level)
}
