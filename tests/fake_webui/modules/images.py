from PIL import Image


def resize_image(
    mode: int, picture: Image.Image, width: int, height: int, upscaler_name: str | None = None
) -> Image.Image:
    """As a whole into the frame, the rest of which the edges fill; here without an upscaler alone."""
    assert (mode, upscaler_name) == (2, "None")
    share = min(width / picture.width, height / picture.height)
    fitted = picture.resize((round(picture.width * share), round(picture.height * share)), Image.Resampling.LANCZOS)
    drawn = fitted.resize((width, height))
    drawn.paste(fitted, ((width - fitted.width) // 2, (height - fitted.height) // 2))
    return drawn
