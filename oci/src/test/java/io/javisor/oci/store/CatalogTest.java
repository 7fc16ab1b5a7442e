package io.javisor.oci.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.store.ImageEntry.StoredLayer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogTest {
    private static final Digest ID = id("a");
    private static final Map<Digest, ImageUse> USED = Map.of(ID, new ImageUse("0123456789ab", false));
    private static final Digest OTHER = id("b");

    @TempDir
    Path directory;

    private static Digest id(String seed) {
        return Digest.sha256(seed.getBytes(StandardCharsets.UTF_8));
    }

    private static Descriptor descriptor(String seed) {
        return new Descriptor(MediaTypes.OCI_MANIFEST, id(seed), 100);
    }

    /** Names with a digest are "repository@", and their digest is the manifest's. */
    private static ImageEntry entry(String manifest, Digest id, String... references) {
        List<Reference> names = Arrays.stream(references)
                .filter(text -> !text.endsWith("@"))
                .map(Reference::parse)
                .toList();
        List<Reference> digests = Arrays.stream(references)
                .filter(text -> text.endsWith("@"))
                .map(text -> Reference.parse(text + id(manifest)))
                .toList();
        return new ImageEntry(
                descriptor(manifest),
                List.of(),
                new Descriptor(MediaTypes.OCI_CONFIG, id, 10),
                List.of(new StoredLayer(descriptor("layer"), id("diff"), 4096)),
                8192,
                manifest.charAt(0),
                names,
                digests);
    }

    private static Catalog catalog(ImageEntry... entries) {
        return new Catalog(List.of(entries));
    }

    private static String message(Executable executable) {
        return String.valueOf(assertThrows(OciException.class, executable).getMessage());
    }

    private static List<String> familiar(List<Reference> references) {
        return references.stream().map(Reference::familiar).toList();
    }

    @Test
    void namesDigestsAndIdsAreFound() {
        Catalog catalog = catalog(entry("1", ID, "box", "box@"), entry("2", OTHER, "localhost:5000/x:1"));
        Digest manifest = id("1");
        for (String text : List.of(
                "box",
                "box:latest",
                "docker.io/library/box",
                "box@" + manifest,
                "box:unknown@" + manifest,
                ID.toString(),
                ID.hex(),
                ID.shortHex(),
                "sha256:" + ID.shortHex(),
                ID.hex().substring(0, 3))) {
            assertEquals(ID, catalog.find(text).entry().id(), text);
        }
        assertEquals(OTHER, catalog.find("localhost:5000/x:1").entry().id());
        assertEquals(Optional.empty(), catalog.find(ID.shortHex()).by());
        assertEquals(
                Optional.of(Reference.parse("box")), catalog.find("box:latest").by());
    }

    @Test
    void whatIsNotThereIsSaidInDockersWords() {
        Catalog catalog = catalog(entry("1", ID, "box"));
        assertEquals("No such image: nobox:latest", message(() -> catalog.find("nobox")));
        assertEquals("No such image: box:2", message(() -> catalog.find("box:2")));
        assertEquals("No such image: " + OTHER.hex(), message(() -> catalog.find(OTHER.hex())));
        assertTrue(message(() -> catalog.find("Box")).startsWith("invalid reference format"));
        assertEquals("No such image: " + OTHER.shortHex() + ":latest", message(() -> catalog.find(OTHER.shortHex())));
        Digest near =
                new Digest("sha256", ID.hex().substring(0, 20) + OTHER.hex().substring(20));
        Catalog two = catalog(entry("1", ID, "box"), entry("2", near));
        assertEquals(
                "multiple IDs found with provided prefix: " + ID.shortHex(), message(() -> two.find(ID.shortHex())));
    }

    @Test
    void aNameGoesBeforeAnIdThatBeginsSo() {
        String prefix = OTHER.hex().substring(0, 4);
        Catalog catalog = catalog(entry("1", ID, prefix), entry("2", OTHER));
        assertEquals(ID, catalog.find(prefix).entry().id());
    }

    @Test
    void ofTwoManifestsWithOneConfigurationTheLastIsFoundByItsId() {
        Catalog catalog = catalog(entry("1", ID, "old"), entry("2", ID, "fresh"));
        assertEquals(id("2"), catalog.find(ID.shortHex()).entry().manifest().digest());
    }

    @Test
    void aNameMoves() {
        Catalog before = catalog(entry("1", ID, "box", "box@"));
        Catalog after = before.with(entry("2", OTHER, "box", "box@"));
        assertEquals(OTHER, after.find("box").entry().id());
        assertEquals(List.of(), after.find(ID.hex()).entry().names());
        assertEquals(1, after.find(ID.hex()).entry().digests().size());

        Catalog named = after.with(entry("2", OTHER, "more"));
        assertEquals(
                List.of("box:latest", "more:latest"),
                familiar(named.find("more").entry().names()));
        assertEquals(2, named.entries().size());
    }

    @Test
    void aNameOfSeveralIsUntaggedAlone() {
        Catalog.Change change = catalog(entry("1", ID, "box", "other:2")).remove("box", false, Map.of());
        assertEquals(List.of("box:latest"), familiar(change.untagged()));
        assertEquals(List.of(), change.removed());
        assertEquals(
                List.of("other:2"),
                familiar(change.catalog().find(ID.hex()).entry().names()));
    }

    @Test
    void theLastNameTakesTheImageAndItsDigestsAlong() {
        Catalog.Change change = catalog(entry("1", ID, "box", "box@")).remove("box", false, Map.of());
        assertEquals(List.of("box:latest", "box@" + id("1")), familiar(change.untagged()));
        assertEquals(1, change.removed().size());
        assertEquals(List.of(), change.catalog().entries());
    }

    @Test
    void theDigestOfAnotherRepositoryKeepsTheImage() {
        Catalog.Change change = catalog(entry("1", ID, "box", "box@", "other@")).remove("box", false, Map.of());
        assertEquals(List.of("box:latest", "box@" + id("1")), familiar(change.untagged()));
        assertEquals(List.of(), change.removed());
    }

    @Test
    void byADigestOnlyThatGoes() {
        Catalog catalog = catalog(entry("1", ID, "box", "box@"));
        Catalog.Change change = catalog.remove("box@" + id("1"), false, Map.of());
        assertEquals(List.of("box@" + id("1")), familiar(change.untagged()));
        assertEquals(List.of(), change.removed());
    }

    @Test
    void byItsIdAnImageOfOneRepositoryGoes() {
        assertEquals(
                1,
                catalog(entry("1", ID, "box", "box@"))
                        .remove(ID.shortHex(), false, Map.of())
                        .removed()
                        .size());
        assertEquals(
                1,
                catalog(entry("1", ID))
                        .remove(ID.shortHex(), false, Map.of())
                        .removed()
                        .size());
        String conflict = "conflict: unable to delete " + ID.shortHex()
                + " (must be forced) - image is referenced in multiple repositories";
        Catalog tags = catalog(entry("1", ID, "box:1", "box:2"));
        assertEquals(conflict, message(() -> tags.remove(ID.shortHex(), false, Map.of())));
        Catalog repositories = catalog(entry("1", ID, "box", "other@"));
        assertEquals(conflict, message(() -> repositories.remove(ID.shortHex(), false, Map.of())));
        Catalog manifests = catalog(entry("1", ID, "box"), entry("2", ID, "other"));
        assertEquals(conflict, message(() -> manifests.remove(ID.shortHex(), false, Map.of())));

        Catalog.Change forced = tags.remove(ID.shortHex(), true, Map.of());
        assertEquals(List.of("box:1", "box:2"), familiar(forced.untagged()));
        assertEquals(1, forced.removed().size());
        assertEquals(2, manifests.remove(ID.hex(), true, Map.of()).removed().size());
    }

    @Test
    void whatAContainerUsesStays() {
        Catalog catalog = catalog(entry("1", ID, "box", "box@"));
        Map<Digest, ImageUse> running = Map.of(ID, new ImageUse("0123456789ab", true));
        assertEquals(
                "conflict: unable to remove repository reference \"box\" (must force) - container 0123456789ab is using"
                        + " its referenced image " + ID.shortHex(),
                message(() -> catalog.remove("box", false, running)));
        for (boolean force : new boolean[] {false, true}) {
            assertEquals(
                    "conflict: unable to delete " + ID.shortHex()
                            + " (cannot be forced) - image is being used by running container 0123456789ab",
                    message(() -> catalog.remove(ID.shortHex(), force, running)));
        }
        assertEquals(
                "conflict: unable to delete " + ID.shortHex()
                        + " (must be forced) - image is being used by stopped container 0123456789ab",
                message(() -> catalog.remove(ID.shortHex(), false, USED)));
        for (String name : List.of("box", ID.shortHex())) {
            Catalog.Change forced = catalog.remove(name, true, USED);
            assertEquals(2, forced.untagged().size());
            assertEquals(List.of(), forced.removed());
            assertEquals(List.of(), forced.catalog().find(ID.hex()).entry().references());
            assertEquals(List.of(), forced.catalog().prune(true, USED).removed());
        }
    }

    @Test
    void pruningTakesWhatHasNoTagOrAll() {
        Catalog catalog = catalog(entry("1", ID, "box"), entry("2", OTHER, "box@"));
        Catalog.Change dangling = catalog.prune(false, Map.of());
        assertEquals(List.of("box@" + id("2")), familiar(dangling.untagged()));
        assertEquals(
                List.of(OTHER), dangling.removed().stream().map(ImageEntry::id).toList());
        assertEquals(2, catalog.prune(true, Map.of()).removed().size());
        assertEquals(1, catalog.prune(true, USED).removed().size());
    }

    @Test
    void chainsAreAsTheSpecificationHasThem() {
        Digest bottom = id("bottom");
        Digest top = id("top");
        ImageEntry entry = new ImageEntry(
                descriptor("1"),
                List.of(),
                descriptor("config"),
                List.of(new StoredLayer(descriptor("x"), bottom, 0), new StoredLayer(descriptor("y"), top, 0)),
                1,
                1,
                List.of(),
                List.of());
        assertEquals(List.of(id(bottom + " " + top), bottom), entry.chainIds());
    }

    @Test
    void theFileGivesBackWhatWasWritten() throws Exception {
        ImageEntry listed = new ImageEntry(
                descriptor("m"),
                List.of(descriptor("outer"), descriptor("inner")),
                descriptor("c"),
                List.of(new StoredLayer(new Descriptor("", id("l"), 1L << 40), id("d"), 1L << 42)),
                12288,
                1_764_576_000_000L,
                List.of(Reference.parse("localhost:5000/a/b:c"), Reference.parse("debian:12-slim")),
                List.of(Reference.parse("[::1]:5000/x@" + id("m"))));
        Catalog catalog = catalog(listed, entry("1", ID, "box"));
        Path file = directory.resolve("references.json");
        Files.write(file, CatalogFile.bytes(catalog));
        assertEquals(catalog, CatalogFile.read(file));
        assertEquals(Catalog.EMPTY, CatalogFile.read(directory.resolve("none")));
        Files.write(file, CatalogFile.bytes(Catalog.EMPTY));
        assertEquals(Catalog.EMPTY, CatalogFile.read(file));
    }

    @Test
    void membersOfOthersArePassedOver() throws Exception {
        Catalog catalog = catalog(entry("1", ID, "box"));
        String text = new String(CatalogFile.bytes(catalog), StandardCharsets.UTF_8)
                .replace("\"names\"", "\"more\":{\"a\":[1,null,2.5,true]},\"names\"");
        Path file = Files.writeString(directory.resolve("references.json"), text);
        assertEquals(catalog, CatalogFile.read(file));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{\"images\":[]} x",
                "{\"images\":[]}{}",
                "{\"images\":{}}",
                "{\"images\":[1]}",
                "{\"images\":[{}]}",
                "{\"images\":[{\"manifest\":{\"mediaType\":\"\",\"digest\":\"../../etc\",\"size\":1}}]}",
                "{\"images\":[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]}",
                "\u0000\u0000\u0000\u0000"
            })
    void aDamagedFileIsSaidInOneLine(String text) throws Exception {
        Path file = Files.writeString(directory.resolve("references.json"), text);
        String message = message(() -> CatalogFile.read(file));
        assertTrue(message.startsWith("the list of images " + file + " is damaged: "), message);
        assertTrue(message.endsWith("; remove this file, and pull the images again: what came of them is there still"));
        assertTrue(message.lines().count() == 1, message);
    }

    /** A host that crashed may leave any beginning of a file that was not on the disk. */
    @Test
    void eachTruncationOfTheFileIsDamage() throws Exception {
        byte[] whole = CatalogFile.bytes(catalog(entry("1", ID, "box", "box@")));
        Path file = directory.resolve("references.json");
        for (int length = 0; length < whole.length - 1; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertTrue(message(() -> CatalogFile.read(file)).contains(" is damaged: "), "at " + length);
        }
    }
}
