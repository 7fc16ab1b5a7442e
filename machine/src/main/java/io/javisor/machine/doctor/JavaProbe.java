package io.javisor.machine.doctor;

/** The Java runtime. */
final class JavaProbe {
    static final int NEEDED = 25;

    /** What there is to know of a runtime. */
    record Facts(int feature, String version, String vendor, String home) {
        static Facts ofThisProcess() {
            return new Facts(
                    Runtime.version().feature(),
                    Runtime.version().toString(),
                    System.getProperty("java.vendor", "unknown vendor"),
                    System.getProperty("java.home", "?"));
        }
    }

    private JavaProbe() {}

    static Check check(Facts java) {
        String found = java.version() + ", " + java.vendor() + ", " + java.home();
        return java.feature() >= NEEDED
                ? Check.ok("java", found)
                : Check.failure(
                        "java",
                        found + "; javisor needs " + NEEDED + " or later",
                        "export JAVISOR_JAVA_HOME=/usr/lib/jvm/JDK   # the home of a JDK " + NEEDED
                                + " or later, such as the package temurin-" + NEEDED + "-jdk or openjdk-" + NEEDED
                                + "-jdk installs");
    }
}
