package io.javisor.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Checks answers against the schemas of {@code docs/schema}. */
public final class Schemas {
    private static final Path DIRECTORY = Path.of("..", "docs", "schema");

    private Schemas() {}

    public static void check(String schema, JsonNode value) throws IOException {
        JsonNode rules = JsonMapper.shared().readTree(Files.readString(DIRECTORY.resolve(schema)));
        List<?> errors = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(rules)
                .validate(value);
        assertEquals(List.of(), errors, value::toString);
    }
}
