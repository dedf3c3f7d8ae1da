package money

import (
	"fmt"

	"github.com/bojanz/currency"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Digits is how many decimals a currency has.
func Digits(c v1alpha1.Currency) (int, error) {
	digits, ok := currency.GetDigits(string(c))
	if !ok {
		return 0, fmt.Errorf("%q is no currency of ISO 4217: give its code of three capitals, for example EUR", c)
	}
	return int(digits), nil
}

// scale is how many of its smallest unit one unit of a currency with so many decimals has.
func scale(digits int) int64 {
	out := int64(1)
	for range digits {
		out *= 10
	}
	return out
}
