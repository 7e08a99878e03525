from dataclasses import replace

from lib_train.config.dataset import DatasetConfig
from tests.pictures.doctor.cases import entry, found, several


def test_class_folder_that_holds_nothing_usable_is_told():
    config = DatasetConfig(reg_data_dir=("/set/reg",))
    broken = entry(1, is_reg=True, problem="is empty", width=0, height=0)
    told = found(*several(3), broken, config=config)
    assert told["class_empty"].ids == ()
    assert "reg_data_dir = /set/reg: put some there, or leave it empty" in told["class_empty"].text
    assert found(*several(3), *several(2, is_reg=True), config=config) == {}
    assert found(*several(3)) == {}


def test_class_folder_that_is_the_training_folder_is_told():
    train = several(3)
    one = found(*train, *(replace(each, id=each.id + 50, is_reg=True) for each in train))["class_is_training"]
    assert (one.severity, one.ids, one.remedies) == ("error", (150, 151, 152), ())


def test_class_folder_with_copies_of_the_training_pictures_is_told():
    train = several(3)
    copies = [entry(number, is_reg=True, content=each.content) for number, each in enumerate(train)]
    one = found(*train, *copies, entry(9, is_reg=True))["class_is_training"]
    assert (one.ids, one.remedies) == ((0, 1, 2), ("take_out",))


def test_single_copy_among_many_class_pictures_is_none():
    train = several(3)
    others = (entry(number, is_reg=True) for number in range(2, 9))
    assert found(*train, entry(1, is_reg=True, content=train[0].content), *others) == {}
