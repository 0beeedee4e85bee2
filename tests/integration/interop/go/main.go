// A Center's reader in Go: franz-go, an Avro library, and the files in schemas/.
//
//	reader SERVERS SCHEMAS COUNT TOPIC...
//
// Reads so many committed records from the beginning and prints topic, partition, offset, key, record and work_id.
// Records in a registry's framing are read where SCHEMA_REGISTRY_URL names the registry, beside the others.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/kgo"
)

// record is one schema of the contract, found by the fingerprint in front of a value.
type record struct {
	name   string
	schema *avro.Schema
}

func schemas(folder string) (map[[8]byte]record, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*", "v*.avsc"))
	if err != nil {
		return nil, err
	}
	found := map[[8]byte]record{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		schema, err := avro.Parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		// Encoding's header is the fingerprint as it stands in front of values: little-endian.
		sum := schema.Fingerprint(avro.NewRabin())
		var key [8]byte
		for at, part := range sum {
			key[7-at] = part
		}
		found[key] = record{filepath.Base(filepath.Dir(file)), schema}
	}
	return found, nil
}

func run(servers, folder string, count int, topics []string) error {
	known, err := schemas(folder)
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(servers),
		kgo.ConsumeTopics(topics...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for found := 0; found < count; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for _, one := range fetches.Records() {
			line, err := told(one, known)
			if err != nil {
				return err
			}
			fmt.Println(line)
			found++
		}
	}
	return nil
}

func told(one *kgo.Record, known map[[8]byte]record) (string, error) {
	kind, fields, err := decoded(one.Value, known)
	if err != nil {
		return "", err
	}
	id, _ := fields["work_id"].(string)
	line := fmt.Sprintf("%s %d %d %s %s %s", one.Topic, one.Partition, one.Offset, one.Key, kind.name, id)
	return strings.TrimSpace(line), nil
}

func decoded(value []byte, known map[[8]byte]record) (record, map[string]any, error) {
	var fields map[string]any
	if len(value) > header && value[0] == framed {
		kind, err := registered(binary.BigEndian.Uint32(value[1:header]))
		if err == nil {
			_, err = kind.schema.Decode(value[header:], &fields)
		}
		return kind, fields, err
	}
	fingerprint, _, err := avro.SingleObjectFingerprint(value)
	if err != nil {
		return record{}, nil, err
	}
	kind, ok := known[fingerprint]
	if !ok {
		return record{}, nil, fmt.Errorf("no schema has the fingerprint %x", fingerprint)
	}
	_, err = kind.schema.DecodeSingleObject(value, &fields)
	return kind, fields, err
}

func main() {
	count, err := strconv.Atoi(os.Args[3])
	if err == nil {
		err = run(os.Args[1], os.Args[2], count, os.Args[4:])
	}
	if err != nil {
		log.Fatal(err)
	}
}
