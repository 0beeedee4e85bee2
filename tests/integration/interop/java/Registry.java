import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * Confluent's framing by a registry with Confluent's interface: a zero byte, the schema's id in four, then Avro.
 *
 * The schema is asked for by its id, and a record's own id by the newest version of its subject, its full name.
 */
final class Registry {
    static final byte FRAMED = 0;
    private static final int HEADER = 5;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final Map<Integer, Schema> byId = new HashMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final String address;

    Registry(String address) {
        this.address = address;
    }

    GenericRecord decode(byte[] value) throws IOException {
        int id = ByteBuffer.wrap(value, 1, 4).getInt();
        Schema writer = byId.get(id);
        if (writer == null) {
            writer = new Schema.Parser().parse(ask("/schemas/ids/" + id).get("schema").asText());
            byId.put(id, writer);
        }
        var body = DecoderFactory.get().binaryDecoder(value, HEADER, value.length - HEADER, null);
        return new GenericDatumReader<GenericRecord>(writer).read(null, body);
    }

    byte[] encode(GenericRecord record) throws IOException {
        String subject = record.getSchema().getFullName();
        Integer id = ids.get(subject);
        if (id == null) {
            id = ask("/subjects/" + subject + "/versions/latest").get("id").asInt();
            ids.put(subject, id);
        }
        var bytes = new java.io.ByteArrayOutputStream();
        bytes.write(ByteBuffer.allocate(HEADER).put(FRAMED).putInt(id).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private JsonNode ask(String path) throws IOException {
        try {
            var request = HttpRequest.newBuilder(URI.create(address + path)).build();
            var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException(path + " is answered with " + answer.statusCode() + ": " + answer.body());
            }
            return json.readTree(answer.body());
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
    }
}
