package v1alpha1

// ExtraDemand says whether an extra is owed beyond what was expected.
//
// +kubebuilder:validation:Enum=Optional;OfferedOrReason;Offered
type ExtraDemand string

const (
	// ExtraOptional leaves it to the front line.
	ExtraOptional ExtraDemand = "Optional"
	// ExtraOfferedOrReason asks for an extra, or a reason for none.
	ExtraOfferedOrReason ExtraDemand = "OfferedOrReason"
	// ExtraOffered asks for an extra.
	ExtraOffered ExtraDemand = "Offered"
)

// CompensationDemand says what a resolution owes at a severity.
type CompensationDemand struct {
	// severity is the severity, and those above it that have no demand of their own.
	//
	// +required
	Severity Severity `json:"severity,omitempty"`

	// extra is Optional, OfferedOrReason or Offered.
	//
	// +required
	Extra ExtraDemand `json:"extra,omitempty"`
}

// CompensationBounds bound what is given at a severity.
//
// +kubebuilder:validation:XValidation:rule="has(self.min) || has(self.max)",message="give min, max or both"
// +kubebuilder:validation:XValidation:rule="!has(self.min) || !has(self.max) || quantity(self.min).compareTo(quantity(self.max)) <= 0",message="min is at most max"
type CompensationBounds struct {
	// severity is the severity that they hold for.
	//
	// +required
	Severity Severity `json:"severity,omitempty"`

	// min is the least that is adequate; below it is told, not refused.
	//
	// +optional
	Min Money `json:"min,omitempty"`

	// max is the most that an allowance gives.
	//
	// +optional
	Max Money `json:"max,omitempty"`
}

// RemedyPurpose says what a remedy is for.
//
// +kubebuilder:validation:Enum=Restore;Extra
type RemedyPurpose string

const (
	// PurposeRestore gives what was expected in the first place.
	PurposeRestore RemedyPurpose = "Restore"
	// PurposeExtra gives something beyond, for the injustice that was felt.
	PurposeExtra RemedyPurpose = "Extra"
)

// RemedyKind says what a remedy is.
//
// +kubebuilder:validation:Enum=Replacement;Repair;Upgrade;Refund;Credit;Voucher;Discount;Service;Gift;Other
type RemedyKind string

// Entitlement says whether a remedy is a right or a kindness.
//
// +kubebuilder:validation:Enum=Goodwill;Owed
type Entitlement string

const (
	// EntitlementGoodwill is a kindness, within the limits of the budget.
	EntitlementGoodwill Entitlement = "Goodwill"
	// EntitlementOwed is a right by contract or law; it is never denied.
	EntitlementOwed Entitlement = "Owed"
)

// CatalogueOption is one remedy that the policy offers.
//
// +kubebuilder:validation:XValidation:rule="!has(self.cost) || !has(self.maxAmount)",message="an option costs a fixed cost, or an amount up to maxAmount: give one of them, or none for an amount without a limit of its own"
type CatalogueOption struct {
	// name is the option's name.
	//
	// +required
	Name Name `json:"name,omitempty"`

	// kind is Replacement, Repair, Upgrade, Refund, Credit, Voucher, Discount, Service,
	// Gift or Other.
	//
	// +required
	Kind RemedyKind `json:"kind,omitempty"`

	// purpose is Restore, to give what was expected, or Extra, to give beyond it.
	//
	// +required
	Purpose RemedyPurpose `json:"purpose,omitempty"`

	// cost is what it costs the firm, which is what is charged.
	//
	// +optional
	Cost Money `json:"cost,omitempty"`

	// value is what it is worth to the customer; it informs.
	//
	// +optional
	Value Money `json:"value,omitempty"`

	// maxAmount is the most of it, for a remedy whose amount is chosen each time.
	//
	// +optional
	MaxAmount Money `json:"maxAmount,omitempty"`

	// severities limits it to these severities.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Severities []Severity `json:"severities,omitempty"`

	// entitlement is Goodwill (the default) or Owed, by contract or law.
	//
	// +optional
	Entitlement Entitlement `json:"entitlement,omitempty"`
}

// PolicyCompensation says what may be given and from what.
type PolicyCompensation struct {
	// budgetName names the RecoveryBudget that it is charged to, in the same namespace.
	//
	// +optional
	BudgetName ObjectName `json:"budgetName,omitempty"`

	// demand says what a resolution owes, by severity; a severity below the mildest one
	// listed owes nothing beyond: Optional.
	//
	// +optional
	// +listType=map
	// +listMapKey=severity
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Demand []CompensationDemand `json:"demand,omitempty"`

	// bounds bound what is given, by severity.
	//
	// +optional
	// +listType=map
	// +listMapKey=severity
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Bounds []CompensationBounds `json:"bounds,omitempty"`

	// deliverWithin is the time from the grant to the delivery.
	//
	// +optional
	DeliverWithin *Due `json:"deliverWithin,omitempty"`

	// catalogue are the remedies on offer, best the cheapest first.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	Catalogue []CatalogueOption `json:"catalogue,omitempty"`
}
