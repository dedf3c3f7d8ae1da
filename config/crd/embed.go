// Package crd carries the CustomResourceDefinitions of this version, for what has to
// know them without an API server.
package crd

import "embed"

// Bases are the CustomResourceDefinitions, one file each, in the folder bases.
//
//go:embed bases/*.yaml
var Bases embed.FS
