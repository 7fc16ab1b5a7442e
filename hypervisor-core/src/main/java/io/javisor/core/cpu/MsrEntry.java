package io.javisor.core.cpu;

/** A model-specific register with its value. */
public record MsrEntry(int index, long data) {
    @Override
    public String toString() {
        return "MSR 0x%x = 0x%x".formatted(index, data);
    }
}
