package io.javisor.machine.config;

/** What the user asked for cannot be done. The message is one line that says what is wrong and what to do. */
public class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
