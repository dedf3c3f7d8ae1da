package view

import (
	"slices"
	"strings"
)

// Column is a column of a table; among those that may be left out on a narrow terminal,
// the one with the highest Drop goes first.
type Column struct {
	// Head is what stands above it.
	Head string
	// Drop says that it may be left out; zero never is.
	Drop int
	// Free says that it may be cut to fit, before anything is left out.
	Free bool
	// Least is its width at least, so that a cell that counts down moves no other.
	Least int
	// Cells are its cells.
	Cells []string
}

// gap is the room between columns.
const gap = 2

// The width of a column that may be cut: the one below which others are left out first,
// and the one below which nothing of it could be read.
const (
	freeWidth  = 20
	leastWidth = 8
)

// Table lays columns out side by side and leaves out what does not fit. The first row
// is the heads.
func Table(columns []Column, width int) []string {
	columns = fit(slices.Clone(columns), width)
	if len(columns) == 0 {
		return nil
	}
	widths := widths(columns, width)
	rows := make([]string, 1+len(columns[0].Cells))
	for n := range columns {
		for i := range rows {
			cell := columns[n].Head
			if i > 0 {
				cell = columns[n].Cells[i-1]
			}
			rows[i] += pad(Clip(cell, widths[n]), widths[n])
			if n < len(columns)-1 {
				rows[i] += strings.Repeat(" ", gap)
			}
		}
	}
	for i := range rows {
		rows[i] = Clip(strings.TrimRight(rows[i], " "), width)
	}
	return rows
}

// widths are those of the columns; the free ones give way, the last one first.
func widths(columns []Column, width int) []int {
	out := make([]int, len(columns))
	for i := range columns {
		out[i] = columns[i].width()
	}
	over := tableWidth(columns) - width
	if width <= 0 {
		over = 0
	}
	for _, least := range []int{freeWidth, leastWidth} {
		for i := len(columns) - 1; i >= 0 && over > 0; i-- {
			if give := min(over, out[i]-least); columns[i].Free && give > 0 {
				out[i] -= give
				over -= give
			}
		}
	}
	return out
}

// fit leaves columns out until the others fit, the free ones cut.
func fit(columns []Column, width int) []Column {
	for width > 0 {
		least := tableWidth(columns)
		for i := range columns {
			if columns[i].Free {
				least -= max(0, columns[i].width()-freeWidth)
			}
		}
		worst := 0
		for i := range columns {
			if columns[i].Drop > columns[worst].Drop {
				worst = i
			}
		}
		if least <= width || len(columns) == 0 || columns[worst].Drop == 0 {
			break
		}
		columns = slices.Delete(columns, worst, worst+1)
	}
	return columns
}

func tableWidth(columns []Column) int {
	sum := -gap
	for i := range columns {
		sum += columns[i].width() + gap
	}
	return sum
}

func (c *Column) width() int {
	width := max(Width(c.Head), c.Least)
	for _, cell := range c.Cells {
		width = max(width, Width(cell))
	}
	return width
}
