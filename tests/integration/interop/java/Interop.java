import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.SchemaStore;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * A port system and a Center in Java: nothing but Kafka's client, Avro, and the files in `schemas/`.
 * Where SCHEMA_REGISTRY_URL names a registry, records are written in its framing, and read in either.
 *
 * <pre>
 * golden SCHEMAS                          read every golden file, and write it again: the bytes are the same
 * keys SERVERS SCHEMAS TOPIC NUMBER...    publish an entry_filed for each importer number, print the partitions
 * filings SERVERS SCHEMAS TOPIC NUMBER/ENTRY...   publish an accepted summary for each importer and entry number
 * read SERVERS SCHEMAS COUNT TOPIC...     read so many committed records and print them
 * </pre>
 */
public final class Interop {
    private static final Pattern IRS = Pattern.compile("[0-9]{2}-[0-9]{7}.*");

    public static void main(String[] arguments) throws Exception {
        List<String> rest = Arrays.asList(arguments);
        switch (arguments[0]) {
            case "golden" -> golden(Path.of(arguments[1]));
            case "keys" -> keys(arguments[1], Path.of(arguments[2]), arguments[3], rest.subList(4, rest.size()));
            case "filings" -> filings(arguments[1], Path.of(arguments[2]), arguments[3], rest.subList(4, rest.size()));
            case "read" -> read(arguments[1], Path.of(arguments[2]), Integer.parseInt(arguments[3]), rest.subList(4, rest.size()));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** All schemas by their fingerprint, as a reader of mixed topics needs them. */
    private static final class Schemas implements SchemaStore {
        private final Map<Long, Schema> byFingerprint = new HashMap<>();
        private final Map<String, Schema> byName = new TreeMap<>();
        private final Registry registry;

        Schemas(Path folder) throws IOException {
            String address = System.getenv("SCHEMA_REGISTRY_URL");
            registry = address == null || address.isEmpty() ? null : new Registry(address);
            try (Stream<Path> files = Files.walk(folder, 2)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".avsc")).sorted().toList()) {
                    Schema schema = new Schema.Parser().parse(Files.readString(file));
                    byFingerprint.put(org.apache.avro.SchemaNormalization.parsingFingerprint64(schema), schema);
                    byName.put(schema.getName(), schema);
                }
            }
        }

        @Override
        public Schema findByFingerprint(long fingerprint) {
            return byFingerprint.get(fingerprint);
        }

        GenericRecord decode(byte[] value) throws IOException {
            if (value[0] == Registry.FRAMED && registry != null) {
                return registry.decode(value);
            }
            long fingerprint = ByteBuffer.wrap(value, 2, 8).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
            Schema writer = byFingerprint.get(fingerprint);
            return new BinaryMessageDecoder<GenericRecord>(GenericData.get(), writer, this).decode(value);
        }

        byte[] encode(GenericRecord record) throws IOException {
            if (registry != null) {
                return registry.encode(record);
            }
            ByteBuffer buffer = new BinaryMessageEncoder<GenericRecord>(GenericData.get(), record.getSchema()).encode(record);
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        }
    }

    private static void golden(Path folder) throws IOException {
        Schemas schemas = new Schemas(folder);
        int count = 0;
        try (Stream<Path> files = Files.walk(folder, 3)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".bin")).sorted().toList()) {
                byte[] bytes = Files.readAllBytes(file);
                GenericRecord record = schemas.decode(bytes);
                if (!Arrays.equals(bytes, schemas.encode(record))) {
                    throw new IllegalStateException(file + " is written otherwise");
                }
                count++;
            }
        }
        System.out.println(count);
    }

    /** The account key: the base of an IRS number, else the whole number. */
    private static String accountKey(String importerNumber) {
        return IRS.matcher(importerNumber).matches() ? importerNumber.substring(0, 10) : importerNumber;
    }

    private static void keys(String servers, Path folder, String topic, List<String> numbers) throws Exception {
        Schemas schemas = new Schemas(folder);
        GenericRecord event = new GenericData.Record(schemas.byName.get("entry_filed"));
        event.put("event_time", 1_725_142_200_000L);
        event.put("source", "2720");
        event.put("entry_number", "B7603245278");
        event.put("port_of_entry", "2720");
        event.put("entry_type", "01");
        event.put("filed_at", 1_725_142_200_000L);
        event.put("time_of_entry", 1_725_142_200_000L);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producing(servers))) {
            for (String number : numbers) {
                event.put("event_id", java.util.UUID.randomUUID().toString());
                event.put("importer_of_record", number);
                send(producer, topic, accountKey(number), schemas.encode(event));
            }
        }
    }

    private static void filings(String servers, Path folder, String topic, List<String> wanted) throws Exception {
        Schemas schemas = new Schemas(folder);
        Path golden = folder.resolve("entry_summary_accepted/golden/v1-air-two-lines.bin");
        GenericRecord event = schemas.decode(Files.readAllBytes(golden));
        GenericRecord summary = (GenericRecord) event.get("summary");
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producing(servers))) {
            for (String one : wanted) {
                String number = one.substring(0, one.indexOf('/'));
                event.put("event_id", java.util.UUID.randomUUID().toString());
                summary.put("importer_of_record", number);
                summary.put("entry_number", one.substring(number.length() + 1));
                send(producer, topic, accountKey(number), schemas.encode(event));
            }
        }
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, String topic, String key, byte[] value) throws Exception {
        Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, key.getBytes(US_ASCII), value));
        System.out.println(key + " " + sent.get().partition());
    }

    private static Properties producing(String servers) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", servers);
        settings.put("acks", "all");
        settings.put("enable.idempotence", "true");
        settings.put("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        settings.put("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        return settings;
    }

    private static void read(String servers, Path folder, int count, List<String> topics) throws IOException {
        Schemas schemas = new Schemas(folder);
        Properties settings = new Properties();
        settings.put("bootstrap.servers", servers);
        settings.put("group.id", "java-" + java.util.UUID.randomUUID());
        settings.put("auto.offset.reset", "earliest");
        settings.put("isolation.level", "read_committed");
        settings.put("key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        settings.put("value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        long giveUp = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        int found = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
            consumer.subscribe(topics);
            while (found < count && System.nanoTime() < giveUp) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    GenericRecord value = schemas.decode(record.value());
                    String key = new String(record.key(), UTF_8);
                    Object id = value.getSchema().getField("work_id") == null ? "" : value.get("work_id");
                    System.out.println(String.join(" ", record.topic(), String.valueOf(record.partition()),
                            String.valueOf(record.offset()), key, value.getSchema().getName(), String.valueOf(id)).trim());
                    found++;
                }
            }
        }
    }
}
