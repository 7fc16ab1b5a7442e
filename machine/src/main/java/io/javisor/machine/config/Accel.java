package io.javisor.machine.config;

/** By what a machine's processors run, as users name it. */
public enum Accel {
    /** KVM where it counts: its device opens, a VM can be made, and the processor shows VT-x or AMD-V. */
    AUTO("auto"),
    /** Any KVM that makes VMs, also one by software. */
    KVM("kvm"),
    /** The software engine, which needs no KVM. */
    SOFTWARE("software"),
    /** As {@link #SOFTWARE}, instruction by instruction: nothing is translated. Slow, and the measure of what is. */
    SOFTWARE_STEPS("software,translate=off"),
    /** As {@link #SOFTWARE}, and what is translated is compared with steps. Slow, and for one vCPU. */
    SOFTWARE_CHECK("software,translate=check"),
    /** As {@link #SOFTWARE}, with a map of what is translated for the host's {@code perf}. */
    SOFTWARE_PERF("software,perf-map=on");

    private static final char OPTIONS = ',';

    private final String text;

    Accel(String text) {
        this.text = text;
    }

    /**
     * Finds one by its name.
     *
     * @throws IllegalArgumentException saying what is wrong, and what there is
     */
    public static Accel parse(String text) {
        return switch (text) {
            case "auto" -> AUTO;
            case "kvm" -> KVM;
            case "software", "software,translate=on", "software,perf-map=off", "software,translate=on,perf-map=off" ->
                SOFTWARE;
            case "software,translate=off", "software,translate=off,perf-map=off" -> SOFTWARE_STEPS;
            case "software,translate=check", "software,translate=check,perf-map=off" -> SOFTWARE_CHECK;
            case "software,perf-map=on", "software,translate=on,perf-map=on" -> SOFTWARE_PERF;
            default -> throw new IllegalArgumentException("'" + text + "' " + whatIsWrong(text));
        };
    }

    private static String whatIsWrong(String text) {
        if (text.equals("software,translate=off,perf-map=on") || text.equals("software,translate=check,perf-map=on")) {
            return "names for perf what is translated, which goes with translate=on only";
        }
        if (text.startsWith("software,")) {
            return "is none of software, software,translate=on, software,translate=off, software,translate=check,"
                    + " software,perf-map=on, software,perf-map=off";
        }
        boolean known = text.startsWith("kvm,") || text.startsWith("auto,");
        return known ? "has an option, which only software takes" : "is none of auto, kvm, software";
    }

    /** The engine's name, or {@code auto}. */
    public String engine() {
        int options = text.indexOf(OPTIONS);
        return options < 0 ? text : text.substring(0, options);
    }

    /** Whether it is the software engine, and no other will do. */
    public boolean isSoftware() {
        return this == SOFTWARE || this == SOFTWARE_STEPS || this == SOFTWARE_CHECK || this == SOFTWARE_PERF;
    }

    /** As {@link #parse} takes it. */
    @Override
    public String toString() {
        return text;
    }
}
