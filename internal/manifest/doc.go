// Package manifest reads the YAML and JSON files of a repository into documents that
// know where each of their fields stands, and holds them against the schemas and rules
// of this version's CustomResourceDefinitions, as the API server would on creation. It
// needs no cluster.
package manifest
