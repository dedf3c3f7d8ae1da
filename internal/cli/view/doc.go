// Package view draws incidents as text: the list, the one screen, the timeline, what
// changed. It is pure: everything is a function of the objects, the instant and the
// width, so that the live view and the printed one are the same.
package view
