package io.javisor.cli.config;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The JSON schema of the configuration file, made of {@link Settings}. For editors: {@link ConfigFile} does not read it. */
public final class ConfigSchema {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** What {@link ConfigReader} checks when all is read. */
    private static final String CONSISTENT = """
        {
          "if": {"properties": {"kaslr": {"const": true}}, "required": ["kaslr"]},
          "then": {"properties": {"bootProtocol": {"enum": ["auto", "linux64"]}}}
        }
        """;

    private ConfigSchema() {}

    /** The schema's text. */
    public static String text() {
        ObjectNode schema = JSON.createObjectNode()
                .put("$schema", "https://json-schema.org/draft/2020-12/schema")
                .put("title", "javisor machine")
                .put(
                        "description",
                        "The file that 'javisor run --config FILE' reads. Every key may be left out; an option on the"
                                + " command line overrides its key.")
                .put("type", "object")
                .put("additionalProperties", false);
        ObjectNode properties = schema.putObject("properties");
        properties
                .putObject(ConfigReader.SCHEMA_KEY)
                .put("description", "Where an editor finds this schema. javisor does not look at it.")
                .put("type", "string");
        for (Setting<?> setting : Settings.all()) {
            properties.set(setting.key(), property(setting));
        }
        schema.setAll((ObjectNode) JSON.readTree(CONSISTENT));
        return JSON.writeValueAsString(schema) + "\n";
    }

    private static ObjectNode property(Setting<?> setting) {
        ObjectNode property = JSON.createObjectNode()
                .put("description", description(setting))
                .put("type", setting.form().schemaType());
        if (setting.defaultJson() != null) {
            property.set("default", JSON.readTree(setting.defaultJson()));
        }
        property.setAll((ObjectNode) JSON.readTree("{" + setting.schema() + "}"));
        return property;
    }

    private static String description(Setting<?> setting) {
        return setting.help()
                + (setting.hasPaths() ? " Relative paths start from this file's directory." : "")
                + (setting.defaultJson() == null ? " Default: " + setting.defaultWords() + "." : "")
                + " Option: " + setting.option() + ".";
    }
}
