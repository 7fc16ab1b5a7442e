package io.javisor.machine;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** By what a machine's processors run, as users name it. */
public enum Accel {
    /** KVM where it counts: its device opens, a VM can be made, and the processor shows VT-x or AMD-V. */
    AUTO,
    /** Any KVM that makes VMs, also one by software. */
    KVM,
    /** The software engine, which needs no KVM. */
    SOFTWARE;

    /** What {@link #parse} takes. */
    public static List<String> names() {
        return Arrays.stream(values()).map(Accel::toString).toList();
    }

    /**
     * Finds one by its name.
     *
     * @throws IllegalArgumentException naming those that there are
     */
    public static Accel parse(String text) {
        return switch (text) {
            case "auto" -> AUTO;
            case "kvm" -> KVM;
            case "software" -> SOFTWARE;
            default -> throw new IllegalArgumentException("'" + text + "' is none of " + String.join(", ", names()));
        };
    }

    /** The name. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
