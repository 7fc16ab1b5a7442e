package io.javisor.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rewritten {@link Samples} beside the JVM's own. */
class CallSitesTest {
    private static final ClassUpgrade UPGRADE = new ClassUpgrade(CallSitesTest.class.getClassLoader());
    private static Function<Object, Object> rewritten = value -> value;

    /** What is rewritten: its answers are strings, numbers and lists of them, which two class loaders share. */
    @SuppressWarnings({"EqualsNull", "EqualsIncompatibleType", "NullAway"}) // what the rewritten must do too
    public static final class Samples implements Function<Object, Object> {
        sealed interface Shape permits Circle, Square, Dot {}

        record Circle(double radius) implements Shape {}

        record Square(int side, @Nullable String name) implements Shape {}

        record Dot() implements Shape {}

        record All(
                boolean z,
                byte b,
                char c,
                short s,
                int i,
                long j,
                float f,
                double d,
                String text,
                @Nullable Object o) {}

        @Override
        public Object apply(Object what) {
            return switch ((String) what) {
                case "switches" ->
                    List.of(
                            name(new Circle(1)),
                            name(new Square(1, null)),
                            name(new Square(9, "big")),
                            name(new Dot()),
                            kind("text"),
                            kind(new int[0]),
                            kind(List.of()),
                            kind(null));
                case "hashes" ->
                    List.of(
                            new Circle(2.5).hashCode(),
                            new Square(3, null).hashCode(),
                            new Square(3, "x").hashCode(),
                            new Dot().hashCode(),
                            all(1).hashCode());
                case "equals" -> {
                    All one = all(1);
                    yield List.of(
                            one.equals(all(1)),
                            one.equals(all(2)),
                            one.equals(null),
                            one.equals(new Dot()),
                            new Dot().equals(new Dot()),
                            new Square(1, null).equals(new Square(1, null)),
                            new Square(1, null).equals(new Square(1, "x")),
                            new Circle(Double.NaN).equals(new Circle(Double.NaN)),
                            new Circle(0.0).equals(new Circle(-0.0)));
                }
                case "text" -> new Square(3, "x").toString();
                case "null" -> name(null);
                default -> throw new IllegalArgumentException((String) what);
            };
        }

        private static All all(int seed) {
            return new All(
                    true,
                    (byte) 2,
                    'c',
                    (short) 4,
                    5,
                    ((long) seed << 40) + 1,
                    0.5F,
                    Double.NEGATIVE_INFINITY,
                    "text",
                    null);
        }

        private static String name(@Nullable Shape shape) {
            return switch (shape) {
                case Circle(double radius) -> "circle " + radius;
                case Square(int side, String name) when side > 5 -> "large square " + name;
                case Square _ -> "square";
                case Dot _ -> "dot";
            };
        }

        private static String kind(@Nullable Object value) {
            return switch (value) {
                case null -> "nothing";
                case CharSequence text -> "text of " + text.length();
                case int[] _ -> "numbers";
                default -> "other";
            };
        }
    }

    @BeforeAll
    static void rewrite() throws ReflectiveOperationException, IOException {
        Map<String, byte[]> classes = new HashMap<>();
        for (Class<?> type : List.of(
                Samples.class,
                Samples.Shape.class,
                Samples.Circle.class,
                Samples.Square.class,
                Samples.Dot.class,
                Samples.All.class)) {
            byte[] before = bytes(type);
            byte[] better = UPGRADE.upgrade(before);
            assertEquals(type.isInterface(), better == null, type.getName());
            byte[] after = better == null ? before : better;
            assertFalse(CallSites.in(ClassFile.of().parse(after)), type.getName());
            classes.put(type.getName(), after);
        }
        ClassLoader loader = new ClassLoader(CallSitesTest.class.getClassLoader()) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                byte[] own = classes.get(name);
                if (own == null) {
                    return super.loadClass(name, resolve);
                }
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? defineClass(name, own, 0, own.length) : loaded;
            }
        };
        @SuppressWarnings("unchecked")
        Function<Object, Object> made = (Function<Object, Object>)
                loader.loadClass(Samples.class.getName()).getConstructor().newInstance();
        assertNotEquals(Samples.class, made.getClass());
        rewritten = made;
    }

    private static byte[] bytes(Class<?> type) throws IOException {
        String name = type.getName();
        try (InputStream in = Objects.requireNonNull(
                type.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class"))) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"switches", "hashes", "equals", "text"})
    void answersAreTheSame(String what) {
        assertEquals(new Samples().apply(what), rewritten.apply(what));
    }

    @Test
    void aSwitchWithoutNullThrowsForIt() {
        assertThrows(NullPointerException.class, () -> rewritten.apply("null"));
    }

    @Test
    void otherClassesStayAsTheyAre() throws IOException {
        assertNull(UPGRADE.upgrade(bytes(TypeSwitch.class)));
    }
}
