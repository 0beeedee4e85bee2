package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/twmb/avro"
)

// A registry's framing: a zero byte, the schema's id in four bytes, then Avro.
const (
	framed = 0
	header = 5
)

var byID = map[uint32]record{}

// registered asks the registry for a schema, once.
func registered(id uint32) (record, error) {
	if kind, ok := byID[id]; ok {
		return kind, nil
	}
	answer, err := http.Get(fmt.Sprintf("%s/schemas/ids/%d", os.Getenv("SCHEMA_REGISTRY_URL"), id))
	if err != nil {
		return record{}, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return record{}, fmt.Errorf("schema %d: %s", id, answer.Status)
	}
	var told struct{ Schema string }
	if err := json.NewDecoder(answer.Body).Decode(&told); err != nil {
		return record{}, err
	}
	var named struct{ Name string }
	if err := json.Unmarshal([]byte(told.Schema), &named); err != nil {
		return record{}, err
	}
	schema, err := avro.Parse(told.Schema)
	if err != nil {
		return record{}, err
	}
	byID[id] = record{named.Name, schema}
	return byID[id], nil
}
