package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.oci.store.StoredImage;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ImageDescriptionTest {
    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    /** As moby 28 does, but for what is of its own (GraphDriver, DockerVersion). */
    @Test
    void hasDockersNames() {
        StoredImage image = TestImage.of(TestImage.CONFIG, 8192, "debian:12", "debian@" + TestImage.MANIFEST);
        assertEquals(
                json("""
                    {"Id": "%s", "RepoTags": ["debian:12"], "RepoDigests": ["debian@%s"], "Comment": "last",
                     "Created": "2026-11-28T10:00:00Z",
                     "Config": {"User": "", "ExposedPorts": {"80/tcp": {}}, "Env": ["A=b"], "Cmd": ["sh", "-c", "a b"], "Volumes": null,
                                "WorkingDir": "/srv", "Entrypoint": null, "OnBuild": null, "Labels": {"made": "here"}},
                     "Architecture": "amd64", "Os": "linux", "Size": 8192,
                     "RootFS": {"Type": "layers", "Layers": ["%s", "%s"]},
                     "Metadata": {"LastTagTime": "2026-11-30T12:00:00Z"},
                     "Descriptor": {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "%s", "size": 2}}
                    """.formatted(
                                image.id(), TestImage.MANIFEST, TestImage.LAYER, TestImage.LAYER, TestImage.MANIFEST)),
                json(ImageDescription.of(image).printed().toString()));
    }

    @Test
    void aTemplateFindsWhatIsNotSaidEmpty() {
        StoredImage image = TestImage.of("""
            {"os": "linux", "architecture": "arm64", "variant": "v8", "config": null,
             "rootfs": {"type": "layers", "diff_ids": []}}
            """, 0);
        assertEquals(
                "[] [] map[] <nil> [] v8 <>",
                Template.parse("{{.RepoTags}} {{.Config.Entrypoint}} {{.Config.Labels}} {{.Config.Healthcheck}}"
                                + " {{.RootFS.Layers}} {{.Variant}} <{{.Config.User}}>")
                        .fill(ImageDescription.of(image).whole()));
        assertEquals("v8", ImageDescription.of(image).printed().path("Variant").asString());
    }
}
