package io.javisor.cli.config;

import java.io.StringWriter;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes a machine's settings as the configuration file that {@link ConfigFile} reads back to equal ones. */
public final class ConfigWriter {
    private static final JsonFactory FACTORY = JsonFactory.builder().build();

    private final JsonGenerator json;

    private ConfigWriter(JsonGenerator json) {
        this.json = json;
    }

    /** The file's text, but for the name. Paths are absolute, so that it means the same everywhere. */
    public static String text(MachineSettings settings) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            ConfigWriter writer = new ConfigWriter(json);
            for (Setting<?> setting : Settings.all()) {
                Object value = settings.get(setting);
                if (value != null && setting != Settings.NAME) {
                    writer.write(setting, value);
                }
            }
            json.writeEndObject();
        }
        return text.append('\n').toString();
    }

    private void write(Setting<?> setting, Object value) {
        json.writeName(setting.key());
        switch (setting.form()) {
            case TEXT, PATH -> json.writeString(setting.writeElement(value));
            case NUMBER -> json.writeNumber((Integer) value);
            case SWITCH, ON_OFF -> json.writeBoolean((Boolean) value);
            case LIST -> {
                json.writeStartArray();
                for (Object element : (List<?>) value) {
                    json.writeString(setting.writeElement(element));
                }
                json.writeEndArray();
            }
        }
    }
}
